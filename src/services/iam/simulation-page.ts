import type { EvaluationResult, SimulatePolicyResponse } from '@aws-sdk/client-iam';
import { pageOfList, type PageRequest } from './paging.ts';

/** A page of the results of a simulation, in their order. Further pages simulate again. */
export async function resultPage(
  request: PageRequest,
  results: readonly EvaluationResult[],
): Promise<SimulatePolicyResponse> {
  const numbered = results.map((result, index) => ({ result, key: String(index).padStart(6, '0') }));
  const page = await pageOfList('simulation', request, numbered, ({ key }) => key);
  return { EvaluationResults: page.items.map(({ result }) => result), ...page.end };
}
