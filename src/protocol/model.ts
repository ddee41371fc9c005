/**
 * A service's API as data: `<service>/api.json` holds one of these, with AWS's own names and bounds, and the
 * interpreter in this folder does the rest for all operations and all protocols.
 */
export interface ServiceModel {
  readonly metadata: ServiceMetadata;
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export type ProtocolName = 'json' | 'query' | 'rest-json' | 'rest-xml' | 'smithy-rpc-v2-cbor';

export interface ServiceMetadata {
  readonly serviceId: string;
  readonly apiVersion: string;
  readonly protocols: readonly string[];
  /** For the credential scope: `kinesis`, `monitoring`, ... */
  readonly endpointPrefix: string;
  readonly signingName?: string;
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string;
  /** `always`: errors have the query protocol's code in a header, also for clients that do not ask for it. */
  readonly awsQueryCompatible?: { readonly errorHeader?: string };
}

export interface OperationModel {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: ShapeReference;
  readonly output?: ShapeReference & { readonly resultWrapper?: string };
  readonly errors?: readonly { readonly shape: string }[];
  /** Request bodies may come compressed. */
  readonly requestcompression?: { readonly encodings: readonly string[] };
}

/** A member of a structure, or the element of a list or map: a shape's name and where it stands on the wire. */
export interface ShapeReference {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  /** The name in the query protocol, where it differs from the one in JSON. */
  readonly queryName?: string;
  readonly streaming?: boolean;
  readonly flattened?: boolean;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
  readonly xmlAttribute?: boolean;
  readonly idempotencyToken?: boolean;
  readonly eventpayload?: boolean;
}

export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, ShapeReference>>;
  readonly member?: ShapeReference;
  readonly key?: ShapeReference;
  readonly value?: ShapeReference;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  /** In headers, the values of the enum are taken in any case. */
  readonly anyCase?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  /** Values are secret: no message shows them. */
  readonly sensitive?: boolean;
  readonly payload?: string;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly timestampFormat?: string;
  readonly locationName?: string;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
  readonly exception?: boolean;
  readonly fault?: boolean;
  readonly error?: {
    readonly code?: string;
    readonly httpStatusCode?: number;
    readonly senderFault?: boolean;
    /** What the query protocol says instead of the message that JSON has. */
    readonly queryMessage?: string;
  };
  /** The body is the one member itself, without an element around it (GetBucketLocation). */
  readonly unwrapped?: boolean;
  readonly eventstream?: boolean;
  readonly event?: boolean;
  readonly union?: boolean;
  readonly document?: boolean;
}
