/** Texts of `nagare help <topic>`. */
export const topics: Readonly<Record<string, { readonly about: string; readonly text: string }>> = {
  connect: {
    about: 'which server a command calls, and with which keys',
    text: `A command finds the server in this order:

  --endpoint-url URL, --host and --port, --context NAME
  NAGARE_ENDPOINT
  AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL
  the current context               nagare context ls
  endpoint_url of the profile       --profile, AWS_PROFILE, else default
  the settings of nagare            http://127.0.0.1:4566

URLs of several machines are separated by commas: the command calls the first that answers.
A profile that you name and that has no endpoint_url means AWS, and so does --endpoint-url aws.
Keys are those of the profile of --profile, else of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else of the profile.
A server without access keys accepts any. The region is --region, AWS_REGION, AWS_DEFAULT_REGION, that of the context
or of the profile, else us-east-1.

A server with TLS must have a certificate that Node trusts, or one of AWS_CA_BUNDLE or the profile's ca_bundle. If it
wants a certificate of clients (--tls-client-ca), they show that of --client-cert and --client-key, NAGARE_CLIENT_CERT
and NAGARE_CLIENT_KEY, or the context. One file may have both.

  eval "$(nagare env)"              lets the AWS CLI and SDKs call the same server`,
  },
  'exit-codes': {
    about: 'what the exit code of a command says',
    text: `    0  done
    1  failed, or found damage
    2  the command line is wrong
    3  a check is not met, or what was compared differs
    4  not found
    5  throttled
    6  the keys are wrong or missing, or a policy does not allow it
  130  interrupted`,
  },
  positions: {
    about: 'where tail and export begin and end',
    text: `  --from oldest | latest   the first record that is kept, or the next that arrives
  --at SEQ, --after SEQ    with a record, or after it; of one shard (--shard-id)
  --since 15m | TIME       at a time: 30s, 15m, 2h, 7d ago, or 2026-11-01T09:30:00Z
  -n 10                    with the last ten records
  --until 5m | TIME        end at a time
  --limit 100              end after so many records
  --no-follow              end at the newest record

tail begins at latest, and at oldest with --no-follow or --json. export begins at oldest.
Shards are read side by side, each in its order; after a split or merge, parents before children.`,
  },
  output: {
    about: 'tables, tabs, JSON, and what is meant for people',
    text: `Lists are tables on a terminal, and lines with tabs and without titles in a pipe.
--json prints one JSON document, --ndjson one object per line, with AWS's names.
Standard output has results only; progress and remarks go to standard error, and -q leaves them out.
Times are UTC. Records are printed as text that no terminal obeys: controls are escaped.
tail and get decode data: gzip, zstd and other compressions, KPL aggregation, JSON, MessagePack, CBOR, Avro, Protobuf,
text, else hex. --no-decode prints them as they are, and --format '%v' writes the bytes themselves to a pipe.
NO_COLOR turns off bold titles.`,
  },
  ndjson: {
    about: 'records as lines of JSON',
    text: `tail --ndjson and export write a record as one line:

  {"ShardId":"shardId-000000000000","SequenceNumber":"495...","ApproximateArrivalTimestamp":"2026-11-01T09:30:00.000Z",
   "PartitionKey":"k","Data":"aGVsbG8="}

put --ndjson and import take such lines. They need one of

  Data   base64
  Text   a text
  Json   any JSON value, whose text is put

and take PartitionKey (else a new one) and ExplicitHashKey. Other members are ignored: a sequence number is new.
Lossless: data and keys are the same byte for byte, and records of a key keep their order. AWS does not say which
explicit hash key a record was put with, so that such records may be in another shard of the copy.`,
  },
};
