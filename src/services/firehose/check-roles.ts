import type { Acting } from '../../auth/authorization/acting.ts';
import { streamActions } from '../../delivery/permitted.ts';
import type { StoredDestination } from './configuration/destination.ts';
import { formatOf } from './configuration/parts.ts';
import type { NewSource } from './configuration/source.ts';
import { cannotAssumeRole, roleNotAuthorized, schemaNotPermitted } from './errors.ts';
import type { NewDeliveryStream } from './new-delivery-stream.ts';
import { firehoseActor, SCHEMA_ACTION, tableResources } from './pipeline/acting.ts';

/** Without a source: a changed destination. */
type Made = Pick<NewDeliveryStream, 'destination' | 'withoutRole'> &
  Partial<Pick<NewDeliveryStream, 'source'>>;

/** Throws InvalidArgumentException. The roles that `nagare.yaml` names need not exist when it is applied. */
export async function checkRoles(
  acting: Acting,
  arn: string,
  { destination, source, withoutRole }: Made,
): Promise<void> {
  if (!acting.isLimited || withoutRole !== undefined) return;
  await checkDestinationRoles(acting, arn, destination);
  if (source !== undefined) await checkSourceRole(acting, arn, source);
}

/** Throws InvalidArgumentException if the role of the source may not read it. */
async function checkSourceRole(acting: Acting, arn: string, source: NewSource): Promise<void> {
  if (source.type !== 'KinesisStreamAsSource') return;
  const { roleArn, streamArn: resource } = source;
  const actor = firehoseActor(arn, roleArn);
  if (!(await acting.mayAssume(roleArn, actor))) throw cannotAssumeRole(roleArn);
  for (const action of streamActions) {
    const refusal = await acting.refusalOf(actor, { action, resource });
    if (refusal !== undefined) throw roleNotAuthorized(roleArn, action, resource);
  }
}

/**
 * Throws InvalidArgumentException if Firehose may not assume a role of the destination, or if a role may not read the
 * schema of a conversion. As on AWS, whether a role may write to its bucket shows when records are delivered.
 */
async function checkDestinationRoles(
  acting: Acting,
  arn: string,
  { kind, settings }: StoredDestination,
): Promise<void> {
  for (const role of rolesIn(settings)) {
    if (!(await acting.mayAssume(role, firehoseActor(arn, role)))) throw cannotAssumeRole(role);
  }
  const schema = kind === 'S3' ? formatOf(settings)?.schema : undefined;
  if (schema === undefined) return;
  const actor = firehoseActor(arn, schema.roleArn);
  for (const resource of tableResources(arn, schema)) {
    const refusal = await acting.refusalOf(actor, { action: SCHEMA_ACTION, resource });
    if (refusal !== undefined) throw schemaNotPermitted();
  }
}

/** All roles that settings name, also as parameters of processors. */
function rolesIn(settings: object): ReadonlySet<string> {
  const roles = new Set<string>();
  const walk = (value: object): void => {
    for (const [name, member] of Object.entries<unknown>({ ...value })) {
      if (name === 'RoleARN' && typeof member === 'string') roles.add(member);
      else if (typeof member === 'object' && member !== null) walk(member);
    }
    const { ParameterName, ParameterValue } = { ParameterName: '', ParameterValue: '', ...value };
    if (ParameterName === 'RoleArn' && ParameterValue !== '') roles.add(ParameterValue);
  };
  walk(settings);
  return roles;
}
