import type { Native } from './filter.ts';
import { ofValues } from './native.ts';
import { JqError, shown } from './values.ts';

function math(compute: (...values: number[]) => number): Native {
  return ofValues((input, args) => {
    const values = args.length === 0 ? [input] : args;
    return compute(
      ...values.map((value) => {
        if (typeof value !== 'number') throw new JqError(`${shown(value)} number required`);
        return value;
      }),
    );
  });
}

function frexp(value: number): [number, number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let fraction = value * 2 ** -exponent;
  while (Math.abs(fraction) < 0.5) [fraction, exponent] = [fraction * 2, exponent - 1];
  while (Math.abs(fraction) >= 1) [fraction, exponent] = [fraction / 2, exponent + 1];
  return [fraction, exponent];
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

export const MATH_NATIVES: Readonly<Record<string, Native>> = {
  ...Object.fromEntries(
    (
      [
        'floor',
        'ceil',
        'sqrt',
        'cbrt',
        'sin',
        'cos',
        'tan',
        'asin',
        'acos',
        'atan',
        'sinh',
        'cosh',
        'tanh',
        'asinh',
        'acosh',
        'atanh',
        'exp',
        'expm1',
        'log',
        'log2',
        'log10',
        'log1p',
        'trunc',
      ] as const
    ).map((name) => [`${name}/0`, math((value) => Math[name](value))]),
  ),
  'round/0': math((value) => Math.sign(value) * Math.round(Math.abs(value))),
  'rint/0': math(halfEven),
  'nearbyint/0': math(halfEven),
  'fabs/0': math(Math.abs),
  'exp2/0': math((value) => 2 ** value),
  'exp10/0': math((value) => 10 ** value),
  'pow10/0': math((value) => 10 ** value),
  'pow/2': math((base = 0, exponent = 0) => base ** exponent),
  'atan2/2': math((y = 0, x = 0) => Math.atan2(y, x)),
  'hypot/2': math((a = 0, b = 0) => Math.hypot(a, b)),
  'fmin/2': math((a = 0, b = 0) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b))),
  'fmax/2': math((a = 0, b = 0) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b))),
  'fmod/2': math((a = 0, b = 0) => a % b),
  'fdim/2': math((a = 0, b = 0) => (a > b ? a - b : 0)),
  'fma/3': math((a = 0, b = 0, c = 0) => a * b + c),
  'copysign/2': math((a = 0, b = 0) => (Object.is(Math.sign(b), -0) || b < 0 ? -Math.abs(a) : Math.abs(a))),
  'ldexp/2': math((a = 0, b = 0) => a * 2 ** b),
  'scalb/2': math((a = 0, b = 0) => a * 2 ** b),
  'scalbln/2': math((a = 0, b = 0) => a * 2 ** b),
  'logb/0': math((value) => (value === 0 ? Number.NEGATIVE_INFINITY : frexp(value)[1] - 1)),
  'significand/0': math((value) => (value === 0 ? 0 : frexp(value)[0] * 2)),
  'frexp/0': ofValues((input) => {
    if (typeof input !== 'number') throw new JqError(`${shown(input)} number required`);
    return frexp(input);
  }),
  'modf/0': ofValues((input) => {
    if (typeof input !== 'number') throw new JqError(`${shown(input)} number required`);
    return [input % 1, Math.trunc(input)];
  }),
};
