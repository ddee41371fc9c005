export interface FunctionRegistry {
  readonly size: number;
}
