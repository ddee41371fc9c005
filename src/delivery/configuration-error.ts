/** A configuration of a delivery that cannot work; the message is for the caller. Services answer it in their own form. */
export class DeliveryConfigurationError extends Error {
  override readonly name = 'DeliveryConfigurationError';
}
