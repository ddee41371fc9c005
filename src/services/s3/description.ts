import { compact, type Description, undeclaredParts } from '../../declarations/description.ts';
import { declaredJson } from '../../declarations/json-document.ts';
import type { Buckets } from './embedded/buckets.ts';

/** All buckets. Their objects are data, which a backup has. */
export function describeBuckets(buckets: Buckets): Description {
  const all = buckets.list();
  return {
    sections: { buckets: declaredBuckets(all) },
    imports: all.flatMap(([name, { encryption, publicAccessBlock, ownership, policy }]) => [
      { type: 'aws_s3_bucket', name, id: name },
      ...(encryption ? [part('server_side_encryption_configuration', name)] : []),
      ...(publicAccessBlock ? [part('public_access_block', name)] : []),
      ...(ownership ? [part('ownership_controls', name)] : []),
      ...(policy === undefined ? [] : [part('policy', name)]),
    ]),
    undeclared: all.flatMap(([name, { encryption, publicAccessBlock, ownership }]) =>
      undeclaredParts(`buckets.${name}`, {
        'its default encryption': encryption,
        'its public access block': publicAccessBlock,
        'its object ownership': ownership,
      }),
    ),
  };
}

/** A list of names, as long as none has more. */
function declaredBuckets(all: ReturnType<Buckets['list']>) {
  if (all.every(([, { policy, tags }]) => policy === undefined && tags === undefined)) {
    return all.map(([name]) => name);
  }
  return Object.fromEntries(
    all.map(([name, { policy, tags }]) => [name, compact({ policy: declaredJson(policy), tags })]),
  );
}

function part(kind: string, name: string) {
  return { type: `aws_s3_bucket_${kind}`, name, id: name };
}
