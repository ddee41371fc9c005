import { JqError, type Json, shown } from './values.ts';

const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAY_MS = 86_400_000;

/** Broken-down time: year, month from 0, day, hour, minute, second, day of the week, day of the year from 0. UTC. */
export type BrokenDown = readonly [number, number, number, number, number, number, number, number];

export function gmtime(value: Json): Json[] {
  if (typeof value !== 'number') throw new JqError('gmtime() requires a number');
  const whole = Math.floor(value);
  const date = new Date(whole * 1000);
  if (Number.isNaN(date.getTime()))
    throw new JqError('error converting number of seconds since epoch to datetime');
  const [year, month, day, hour, minute, second, weekday, yearday] = fieldsOf(date);
  return [year, month, day, hour, minute, second + (value - whole), weekday, yearday];
}

function fieldsOf(date: Date): BrokenDown {
  const year = date.getUTCFullYear();
  const startOfYear = new Date(0).setUTCFullYear(year);
  return [
    year,
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCDay(),
    Math.floor((date.getTime() - startOfYear) / DAY_MS),
  ];
}

export function mktime(value: Json): number {
  return Math.floor(dateOf(value, 'mktime').getTime() / 1000);
}

/** Days and hours out of range carry over, as in C. */
function dateOf(value: Json, name: string): Date {
  if (!Array.isArray(value)) throw new JqError(`${name} requires array of 6 numbers`);
  const numbers = value.slice(0, 6).filter((item) => typeof item === 'number');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers.map(Math.trunc);
  if (value.length < 6 || numbers.length < 6) throw new JqError(`${name} requires parsed datetime inputs`);
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second);
  if (Number.isNaN(date.getTime())) throw new JqError('invalid gmtime representation');
  return date;
}

/** Formats seconds or a broken-down time, as C's strftime does in the C locale. */
export function strftime(value: Json, format: Json, name = 'strftime/1'): string {
  const input = typeof value === 'number' ? gmtime(value) : value;
  if (!Array.isArray(input)) throw new JqError(`${name} requires parsed datetime inputs`);
  if (typeof format !== 'string') throw new JqError(`${name} requires a string format`);
  const fields = fieldsOf(dateOf(input, name));
  return formatTime(format, fields);
}

function formatTime(format: string, fields: BrokenDown): string {
  return format.replaceAll(/%[EO]?([A-Za-z%+])/g, (whole, letter: string) => part(letter, fields) ?? whole);
}

const pad = (value: number, width: number, fill = '0'): string => String(value).padStart(width, fill);

function part(letter: string, fields: BrokenDown): string | undefined {
  const nested = COMPOSED[letter];
  if (nested !== undefined) return formatTime(nested, fields);
  return datePart(letter, fields) ?? timePart(letter, fields);
}

function datePart(letter: string, fields: BrokenDown): string | undefined {
  const [year, month, day, , , , weekday, yearday] = fields;
  switch (letter) {
    case 'a':
      return DAYS[weekday]?.slice(0, 3);
    case 'A':
      return DAYS[weekday];
    case 'b':
    case 'h':
      return MONTHS[month]?.slice(0, 3);
    case 'B':
      return MONTHS[month];
    case 'C':
      return pad(Math.floor(year / 100), 2);
    case 'd':
      return pad(day, 2);
    case 'e':
      return pad(day, 2, ' ');
    case 'G':
      return String(isoWeek(fields).year);
    case 'g':
      return pad(isoWeek(fields).year % 100, 2);
    case 'j':
      return pad(yearday + 1, 3);
    case 'm':
      return pad(month + 1, 2);
    case 'u':
      return String(weekday || 7);
    case 'U':
      return pad(Math.floor((yearday + 7 - weekday) / 7), 2);
    case 'V':
      return pad(isoWeek(fields).week, 2);
    case 'w':
      return String(weekday);
    case 'W':
      return pad(Math.floor((yearday + 7 - ((weekday + 6) % 7)) / 7), 2);
    case 'y':
      return pad(year % 100, 2);
    case 'Y':
      return String(year);
    default:
      return undefined;
  }
}

function timePart(letter: string, fields: BrokenDown): string | undefined {
  const [, , , hour, minute, second] = fields;
  const twelve = hour % 12 || 12;
  switch (letter) {
    case 'H':
      return pad(hour, 2);
    case 'I':
      return pad(twelve, 2);
    case 'k':
      return pad(hour, 2, ' ');
    case 'l':
      return pad(twelve, 2, ' ');
    case 'M':
      return pad(minute, 2);
    case 'n':
      return '\n';
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 's':
      return String(mktime([...fields]));
    case 'S':
      return pad(second, 2);
    case 't':
      return '\t';
    case 'z':
      return '+0000';
    case 'Z':
      return 'UTC';
    case '%':
      return '%';
    default:
      return undefined;
  }
}

const COMPOSED: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

function isoWeek([year, , , , , , weekday, yearday]: BrokenDown): { year: number; week: number } {
  const monday = (weekday + 6) % 7;
  const week = Math.floor((yearday - monday + 10) / 7);
  if (week < 1) return { year: year - 1, week: weeksIn(year - 1) };
  if (week > weeksIn(year)) return { year: year + 1, week: 1 };
  return { year, week };
}

/** ISO years have 53 weeks when they begin on a Thursday, or leap years on a Wednesday. */
function weeksIn(year: number): number {
  const first = new Date(Date.UTC(year, 0, 1)).getUTCDay();
  const leap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return first === 4 || (leap && first === 3) ? 53 : 52;
}

/** Parses a time as C's strptime does in the C locale. Zone names and offsets are read and ignored. */
export function strptime(text: Json, format: Json): Json[] {
  if (typeof text !== 'string') throw new JqError(`strptime/1 requires string inputs and arguments`);
  if (typeof format !== 'string') throw new JqError(`strptime/1 requires string inputs and arguments`);
  const parsed = new TimeText(text).read(format);
  if (parsed === undefined)
    throw new JqError(
      `date ${shown(text).replace(/^string \((.*)\)$/s, '$1')} does not match format "${format}"`,
    );
  return [...parsed];
}

/** Reads a text according to a format, from left to right. */
class TimeText {
  readonly #text: string;
  #at = 0;
  #year = 1900;
  #month = 0;
  #day = 0;
  #hour = 0;
  #minute = 0;
  #second = 0;
  #afternoon: boolean | undefined;
  #yearday: number | undefined;
  #epoch: number | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(format: string): BrokenDown | undefined {
    if (!this.#match(format) || this.#at !== this.#text.length) return undefined;
    if (this.#epoch !== undefined) return fieldsOf(new Date(this.#epoch * 1000));
    const hour = this.#afternoon === undefined ? this.#hour : (this.#hour % 12) + (this.#afternoon ? 12 : 0);
    const date = new Date(0);
    date.setUTCFullYear(this.#year, this.#month, this.#day || 1);
    const [, , , , , , weekday, yearday] = fieldsOf(date);
    return [
      this.#year,
      this.#month,
      this.#day,
      hour,
      this.#minute,
      this.#second,
      weekday,
      this.#yearday ?? yearday,
    ];
  }

  #match(format: string): boolean {
    for (const [token] of format.matchAll(/%[EO]?[A-Za-z%+]|\s+|[^\s%]|%/g)) {
      if (/^\s/.test(token)) this.#spaces();
      else if (token.startsWith('%') && token.length > 1) {
        if (!this.#field(token.charAt(token.length - 1))) return false;
      } else {
        if (!this.#text.startsWith(token, this.#at)) return false;
        this.#at += token.length;
      }
    }
    return true;
  }

  #spaces(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #field(letter: string): boolean {
    const nested = COMPOSED[letter];
    if (nested !== undefined) return this.#match(nested);
    switch (letter) {
      case 'a':
      case 'A':
        return this.#name(DAYS) !== undefined;
      case 'b':
      case 'B':
      case 'h':
        return this.#set(this.#name(MONTHS), (value) => (this.#month = value));
      case 'd':
      case 'e':
        return this.#set(this.#number(2, 1, 31), (value) => (this.#day = value));
      case 'H':
      case 'k':
        return this.#set(this.#number(2, 0, 23), (value) => (this.#hour = value));
      case 'I':
      case 'l':
        return this.#set(this.#number(2, 1, 12), (value) => {
          this.#hour = value % 12;
          this.#afternoon ??= false;
        });
      case 'j':
        return this.#set(this.#number(3, 1, 366), (value) => (this.#yearday = value - 1));
      case 'm':
        return this.#set(this.#number(2, 1, 12), (value) => (this.#month = value - 1));
      case 'M':
        return this.#set(this.#number(2, 0, 59), (value) => (this.#minute = value));
      case 'n':
      case 't':
        this.#spaces();
        return true;
      case 'p':
      case 'P':
        return this.#set(this.#name(['AM', 'PM']), (value) => (this.#afternoon = value === 1));
      case 's':
        return this.#set(this.#number(20, 0, Number.MAX_SAFE_INTEGER), (value) => (this.#epoch = value));
      case 'S':
        return this.#set(this.#number(2, 0, 61), (value) => (this.#second = value));
      case 'u':
        return this.#number(1, 1, 7) !== undefined;
      case 'w':
        return this.#number(1, 0, 6) !== undefined;
      case 'U':
      case 'V':
      case 'W':
        return this.#number(2, 0, 53) !== undefined;
      case 'y':
        return this.#set(
          this.#number(2, 0, 99),
          (value) => (this.#year = value + (value < 69 ? 2000 : 1900)),
        );
      case 'Y':
        return this.#set(this.#number(4, 0, 9999), (value) => (this.#year = value));
      case 'z':
        return this.#take(/\s*(?:Z|[+-]\d{2}(?::?\d{2})?)/y) !== undefined;
      case 'Z':
        return this.#take(/[A-Za-z]*/y) !== undefined;
      case '%':
        return this.#take(/%/y) !== undefined;
      default:
        return false;
    }
  }

  #set(value: number | undefined, assign: (value: number) => void): boolean {
    if (value === undefined) return false;
    assign(value);
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }

  #number(digits: number, min: number, max: number): number | undefined {
    this.#spaces();
    const text = this.#take(new RegExp(`\\d{1,${digits}}`, 'y'));
    if (text === undefined) return undefined;
    const value = Number(text);
    return value < min || value > max ? undefined : value;
  }

  /** The index of a name, or of its first three letters, in any case. */
  #name(names: readonly string[]): number | undefined {
    const rest = this.#text.slice(this.#at).toLowerCase();
    for (const [index, name] of names.entries()) {
      for (const form of [name, name.slice(0, 3)]) {
        if (!rest.startsWith(form.toLowerCase())) continue;
        this.#at += form.length;
        return index;
      }
    }
    return undefined;
  }
}
