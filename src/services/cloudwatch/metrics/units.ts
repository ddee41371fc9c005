/** CloudWatch's units. Their index in this list is stored on disk as one byte: only append. */
export const units: readonly string[] = (
  'Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits ' +
  'Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second ' +
  'Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None'
).split(' ');

const codes = new Map(units.map((unit, code) => [unit, code]));

/** The index of a unit from the API's enumeration; an unknown unit is a bug. */
export function unitCode(unit: string): number {
  const code = codes.get(unit);
  if (code === undefined) throw new RangeError(`no unit of CloudWatch: ${unit}`);
  return code;
}

export function unitName(code: number): string {
  const unit = units[code];
  if (unit === undefined) throw new RangeError(`no unit has the number ${code}`);
  return unit;
}
