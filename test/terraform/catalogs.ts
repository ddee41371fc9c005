/** The catalog that the modules name. Nothing is delivered, so nobody calls it. */
export const catalogs = {
  lake: { arn: 'arn:aws:glue:us-east-1:000000000000:catalog', url: 'http://127.0.0.1:9' },
};
