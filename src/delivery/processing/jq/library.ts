import { compileNode, functionScope, invoke } from './compile.ts';
import type { Filter } from './filter.ts';
import { MATH_NATIVES } from './natives-math.ts';
import { PATH_NATIVES } from './natives-paths.ts';
import { VALUE_NATIVES } from './natives-values.ts';
import { parseDefinitions } from './parser.ts';
import type { Compiler, FunctionDefinition, FunctionLibrary, Scope } from './scope.ts';
import { JqSyntaxError } from './tokens.ts';

/** Functions written in jq, based on jq 1.6's builtin.jq. */
const SOURCE = String.raw`
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def scalars_or_empty: select(type != "array" and type != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def isfinite: type == "number" and (isinfinite | not);
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def recurse_down: recurse;
def from_entries: map({(.key // .name // .Name // .Key):
  (if has("value") then .value else .Value end)}) | add + {} // {};
def with_entries(f): to_entries | map(f) | from_entries;
def in(xs): . as $x | xs | has($x);
def inside(xs): . as $x | xs | contains($x);
def repeat(f): def r: ., (f | r); recurse(f);
def while(cond; update): recurse(if cond then update else empty end) | select(cond);
def paths: path(..) | select(length > 0);
def paths(node_filter): . as $dot | paths | select(. as $p | $dot | getpath($p) | node_filter);
def leaf_paths: paths(scalars);
def del(f): delpaths([path(f)]);
def any: reduce .[] as $x (false; . or $x);
def all: reduce .[] as $x (true; . and $x);
def any(f): reduce (.[] | f) as $x (false; . or $x);
def all(f): reduce (.[] | f) as $x (true; . and $x);
def any(generator; condition): isempty(first(generator | condition or empty)) | not;
def all(generator; condition): isempty(first(generator | condition and empty));
def join($x): reduce .[] as $i (null;
  (if . == null then "" else . + $x end) +
  ($i | if type == "boolean" or type == "number" then tojson else . // "" end)) // "";
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("Out of bounds negative array index") else last(limit($n + 1; f)) end;
def index($i): indices($i) | .[0];
def rindex($i): indices($i) | .[-1:][0];
def sort_by(f): _sort_by_keys(map([f]));
def group_by(f): _group_by_keys(map([f]));
def unique_by(f): [group_by(f)[] | .[0]];
def min_by(f): reduce .[] as $x ([]; [$x | f] as $k | if length == 0 or $k < .[0] then [$k, $x] else . end) | .[1];
def max_by(f): reduce .[] as $x ([]; [$x | f] as $k | if length == 0 or $k >= .[0] then [$k, $x] else . end) | .[1];
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;
def walk(f): . as $in
  | if type == "object" then reduce keys_unsorted[] as $key ({}; . + {($key): ($in[$key] | walk(f))}) | f
    elif type == "array" then map(walk(f)) | f
    else f end;
def transpose: if . == [] then [] else . as $in | (map(length) | max) as $max
  | [range(0; $max) as $j | [range(0; $in | length) as $i | $in[$i][$j]]] end;
def match(re; mode): _match(re; mode) | .[];
def match($val): ($val | type) as $vt
  | if $vt == "string" then match($val; null)
    elif $vt == "array" and ($val | length) > 1 then match($val[0]; $val[1])
    elif $vt == "array" and ($val | length) > 0 then match($val[0]; null)
    else error($vt + " not a string or array") end;
def test(re; mode): _test(re; mode);
def test($val): ($val | type) as $vt
  | if $vt == "string" then test($val; null)
    elif $vt == "array" and ($val | length) > 1 then test($val[0]; $val[1])
    elif $vt == "array" and ($val | length) > 0 then test($val[0]; null)
    else error($vt + " not a string or array") end;
def _captured: [.captures | .[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture(re; mods): match(re; mods) | _captured;
def capture($val): match($val) | _captured;
def scan(re): match(re; "g")
  | if (.captures | length) > 0 then [.captures | .[] | .string] else .string end;
def splits($re): splits($re; null);
def splits($re; flags): split($re; flags) | .[];
def split($re; flags): . as $s
  | [foreach ((match($re; flags + "g") | [.offset, .length]), null) as $m
      ([0, null]; if $m == null then [.[0], $s[.[0]:]] else [$m[0] + $m[1], $s[.[0]:$m[0]]] end; .[1])]
  | if length > 1 and ($s == "") then [] else . end;
def sub(re; str): sub(re; str; "");
def gsub(re; str): sub(re; str; "g");
def gsub(re; str; $flags): sub(re; str; $flags + "g");
def sub($re; str; $flags): . as $in
  | [foreach ((match($re; $flags), null)) as $m ([0, ""];
      if $m == null then [.[0], $in[.[0]:]]
      else [$m.offset + $m.length, $in[.[0]:$m.offset] + ($m | _captured | str)] end; .[1])]
  | add;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p)
  | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def fromstream(f): {x: null, e: false} as $init
  | foreach f as $i ($init;
      (if .e then $init else . end)
      | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])
        else setpath(["e"]; $i[0] | length == 1) end;
      if .e then .x else empty end);
def truncate_stream(stream): . as $n | null | stream | . as $input
  | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;
def INDEX(stream; idx_expr): reduce stream as $row ({}; .[$row | idx_expr | tostring] |= $row);
def INDEX(idx_expr): INDEX(.[]; idx_expr);
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def JOIN($idx; idx_expr): [.[] | [., $idx[idx_expr]]];
def JOIN($idx; stream; idx_expr): stream | [., $idx[idx_expr]];
def JOIN($idx; stream; idx_expr; join_expr): stream | [., $idx[idx_expr]] | join_expr;
`;

const definitions = new Map(
  parseDefinitions(SOURCE).map((definition) => [
    `${definition.name}/${definition.params.length}`,
    definition,
  ]),
);

/** jq's functions that are not supported, because programs have no files, no other input and no environment. */
const ABSENT: ReadonlySet<string> = new Set(
  (
    'input inputs debug stderr input_filename input_line_number env halt halt_error get_search_list builtins modulemeta ' +
    'get_jq_origin get_prog_origin j0 j1 jn y0 y1 yn gamma lgamma lgamma_r tgamma erf erfc drem nextafter nexttoward remainder'
  ).split(' '),
);

/** jq's functions. Those that a program uses are compiled for it. */
export class Library implements FunctionLibrary {
  /** Whether the program has regular expressions, whose time is not counted in steps. */
  usesRegex = false;
  readonly #compiled = new Map<string, { filter: Filter | undefined }>();

  /** Throws JqSyntaxError if there is no such function. */
  call(name: string, args: readonly Filter[], compiler: Compiler): Filter {
    const signature = `${name}/${args.length}`;
    const native = PATH_NATIVES[signature] ?? VALUE_NATIVES[signature] ?? MATH_NATIVES[signature];
    if (signature === '_match/2' || signature === '_test/2') this.usesRegex = true;
    if (native !== undefined) return native(args, compiler.context);
    const definition = definitions.get(signature);
    if (definition === undefined) {
      if (ABSENT.has(name)) throw new JqSyntaxError(`${signature} is not supported`);
      throw new JqSyntaxError(`${signature} is not defined`);
    }
    const compiled = this.#compiled.get(signature) ?? { filter: undefined };
    if (!this.#compiled.has(signature)) {
      this.#compiled.set(signature, compiled);
      const own: FunctionDefinition = { params: definition.params, filter: undefined };
      // The body calls the function through the library, not through its scope, because it is not bound to an Env.
      const scope = functionScope({ ...definition, name: '' }, own, undefined);
      compiled.filter = compileNode(
        definition.body,
        parametersOnly(scope, definition.params.length),
        compiler,
      );
    }
    const body: Filter = (input, path, env, out) => compiled.filter?.(input, path, env, out);
    return invoke(body, undefined, { params: definition.params, args }, compiler.context);
  }
}

/** Removes the function itself, the outermost name, from the scope. */
function parametersOnly(scope: Scope, params: number): Scope | undefined {
  if (params === 0) return undefined;
  const copy = (at: Scope | undefined): Scope | undefined =>
    at === undefined || at.name === '/' + params ? undefined : { ...at, parent: copy(at.parent) };
  return copy(scope);
}
