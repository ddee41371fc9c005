import type { HttpRequest } from '../http/message.ts';
import type { Caller } from './caller.ts';
import { channelRows } from './delivery-channels.ts';
import { Lags } from './delivery-lags.ts';
import { listLogRows } from './delivery-list-logs.ts';
import type { Ask, DeliveryRow } from './delivery-row.ts';
import { deliveryStreamRows } from './delivery-streams.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

export interface DeliveriesView {
  readonly rows: readonly DeliveryRow[];
  /** The caller may list none of them. */
  readonly isDenied: boolean;
}

/** The deliveries that the caller may list: those that fail first, then those that are furthest behind. */
export async function deliveriesView(
  views: Views,
  caller: Caller,
  http: HttpRequest,
): Promise<DeliveriesView> {
  const ask: Ask = (service, name, input) => answerTo(views.calls, caller, http, service, name, input);
  const lags = new Lags(views);
  const lists = [
    await deliveryStreamRows(ask, lags, views.clock.now()),
    await channelRows(ask, lags, views.metrics),
    await listLogRows(ask, lags),
  ];
  const rows = lists.flatMap((list) => list ?? []);
  return { rows: rows.toSorted(byUrgency), isDenied: lists.every((list) => list === undefined) };
}

function byUrgency(left: DeliveryRow, right: DeliveryRow): number {
  return urgency(right) - urgency(left) || left.name.localeCompare(right.name);
}

function urgency({ failure, behindMs = 0, bufferMs }: DeliveryRow): number {
  return failure === undefined ? Math.max(0, behindMs - bufferMs) : Number.MAX_VALUE;
}
