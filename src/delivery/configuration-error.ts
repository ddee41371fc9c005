/**
 * An invalid configuration of a delivery. The message is for the caller; each service returns it as an error of its own
 * API.
 */
export class DeliveryConfigurationError extends Error {
  override readonly name = 'DeliveryConfigurationError';
}
