/** CloudWatch's units. Their places in this list lie on disk, one byte each: append only. */
export const units: readonly string[] = (
  'Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits ' +
  'Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second ' +
  'Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None'
).split(' ');

const codes = new Map(units.map((unit, code) => [unit, code]));

/** The number of a unit of the API's enumeration; an unknown word is a fault of ours. */
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
