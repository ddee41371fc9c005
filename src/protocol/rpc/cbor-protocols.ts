import { decodeCbor } from '../documents/cbor.ts';
import { CborWriter } from '../documents/cbor-writer.ts';
import { cborDecoder, cborEncoder, type TimeUnit } from '../documents/cbor-values.ts';
import type { ServiceModel } from '../model.ts';
import type { Protocol } from '../protocol.ts';
import { rpcProtocol, type RpcDocuments } from './rpc.ts';
import { SerializationError } from '../serialization-error.ts';

/** CBOR 1.1: like JSON 1.1, except for the format of the documents. The SDKs for Java use it for Kinesis. */
export function cborProtocol(model: ServiceModel): Protocol {
  return rpcProtocol(model, {
    ...cborDocuments(model, 'milliseconds'),
    contentType: 'application/x-amz-cbor-1.1',
    errorNamespace: '',
    headers: {},
    parse(body) {
      const value = decodeCbor(body);
      if (typeof value !== 'object' || value === null) throw new SerializationError('', true);
      return value;
    },
  });
}

/** Smithy's RPC v2: `POST /service/<target prefix>/operation/<name>`; a call without members may have no body. */
export function rpcV2CborProtocol(model: ServiceModel): Protocol {
  return rpcProtocol(model, {
    ...cborDocuments(model, 'seconds'),
    contentType: 'application/cbor',
    errorNamespace: `com.amazonaws.${model.metadata.serviceId.toLowerCase()}#`,
    headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    parse: (body) => (body.length === 0 ? {} : decodeCbor(body)),
  });
}

function cborDocuments(
  model: ServiceModel,
  unit: TimeUnit,
): Pick<RpcDocuments, 'decoder' | 'encoder' | 'encodeError' | 'viewsBody'> {
  const encoder = cborEncoder(model, unit);
  return {
    decoder: cborDecoder(model, unit),
    viewsBody: true,
    encoder(shapeName) {
      const encode = encoder(shapeName);
      return (value) => {
        const writer = new CborWriter();
        encode(value, writer);
        return writer.finish();
      };
    },
    encodeError(error) {
      const writer = new CborWriter();
      const entries = Object.entries(error);
      writer.map(entries.length);
      for (const [name, text] of entries) {
        writer.text(name);
        writer.text(text);
      }
      return writer.finish();
    },
  };
}
