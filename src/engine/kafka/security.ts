/** How a connection to a broker is protected, and who this process says that it is. */
export interface KafkaSecurity {
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
}

export interface KafkaTls {
  /** Files in PEM form, read for each connection, so that renewed ones need no restart. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;

export interface KafkaSasl {
  readonly mechanism: (typeof saslMechanisms)[number];
  /** Not for OAUTHBEARER: the token names its user. */
  readonly user: string;
  /** The password, or the token; asked for each connection. */
  readonly secret: () => Promise<string>;
}
