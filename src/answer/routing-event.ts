// The first event of a smart-routed stream, whoever answers it.
import type { Endpoint, Stamp } from "../dialects/dialect.ts";
import type { Accepted } from "../domain/accepted.ts";
import type { EventWriter } from "./event-writer.ts";

export interface Opening {
  readonly accepted: Accepted;
  readonly endpoint: Endpoint;
  readonly writer: EventWriter;
  readonly stamp: Stamp;
  /** Named by the event. */
  readonly region: string;
}

/** Nothing where the caller named the model, or did not want the event. */
export async function sendRoutingEvent({
  accepted,
  endpoint,
  writer,
  stamp,
  region,
}: Opening): Promise<void> {
  const { route, inference, clock } = accepted;
  if (!route.isSmart || route.profile === null || !inference.routingEvent) return;
  const { profile, reason, decisionId } = route;
  const routingTimeMs = clock.routedAtMs - clock.parsedAtMs;
  const facts = { profile, reason, decisionId, region, routingTimeMs };
  await writer.event(endpoint.renderRoutingEvent(stamp, facts));
}
