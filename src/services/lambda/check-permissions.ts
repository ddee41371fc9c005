import type { Acting, Actor } from '../../auth/authorization/acting.ts';
import {
  actorFor,
  kindOfSource,
  nameOf,
  type RoleOf,
  SERVICE,
  sourceActions,
  sourceNotPermitted,
} from './acting.ts';
import type { LambdaContext } from './context.ts';
import { deadLettersNotPermitted, destinationNotPermitted, roleNotAssumable } from './errors.ts';

/** Throws InvalidParameterValueException if there is no such role, or its trust policy does not name Lambda. */
export async function checkRole(acting: Acting, role: string, functionArn: string): Promise<void> {
  if (!(await acting.mayAssume(role, { service: SERVICE, sourceArn: functionArn }))) throw roleNotAssumable();
}

type Checking = Pick<LambdaContext, 'acting' | 'functions' | 'targets'>;

/**
 * A caller that may map functions could otherwise read every stream: the function's role must be allowed to.
 * Throws InvalidParameterValueException.
 */
export async function checkSource(
  context: Pick<Checking, 'acting' | 'functions'>,
  functionName: string,
  sourceArn: string,
): Promise<void> {
  const actor = actorOf(context, functionName);
  if (actor === undefined) return;
  for (const action of sourceActions[kindOfSource(sourceArn)]) {
    const refusal = await context.acting.refusalOf(actor, { action, resource: sourceArn });
    if (refusal !== undefined) throw sourceNotPermitted(sourceArn, action);
  }
}

/** Throws InvalidParameterValueException if a function's role may not deliver to one of the destinations. */
export async function checkDestinations(
  context: Pick<Checking, 'targets' | 'functions'>,
  functionName: string,
  destinations: readonly (string | undefined)[],
): Promise<void> {
  const actor = actorOf(context, functionName);
  if (actor === undefined) return;
  for (const destination of destinations) {
    if (destination === undefined) continue;
    const action = await context.targets.refusedAction(destination, actor);
    if (action !== undefined) throw destinationNotPermitted(nameOf(action), destination);
  }
}

/** Throws InvalidParameterValueException if the function's role may not send its dead letters. */
export async function checkDeadLetters(
  { targets }: Pick<Checking, 'targets'>,
  role: RoleOf,
  target: string | undefined,
): Promise<void> {
  if (target === undefined) return;
  const action = await targets.refusedAction(target, actorFor(role));
  if (action !== undefined)
    throw deadLettersNotPermitted(nameOf(action), action.startsWith('sns:') ? 'SNS' : 'SQS');
}

/** Undefined without the function: the operation itself refuses it. */
function actorOf({ functions }: Pick<Checking, 'functions'>, functionName: string): Actor | undefined {
  const definition = functions.locate(functionName)?.definition;
  if (definition === undefined) return undefined;
  const { name, role, isUnlimited = false } = definition;
  return actorFor({ name, arn: functions.arn(name), roleArn: role, isUnlimited });
}
