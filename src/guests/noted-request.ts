import type { DenialSink } from "../capabilities/denials/denial-log.ts";

/** Characters of a request that are read to find out where it was to go. */
const MAX_READ = 65_536;

/** Notes a request of a guest that was given no network: its method, origin and path. The message is the guest's to forge. */
export function noteRequest(denials: DenialSink, requestJson: string): void {
  let [method, place] = ["request", "unknown"];
  try {
    const request = JSON.parse(requestJson.length > MAX_READ ? "{}" : requestJson) as {
      readonly url?: unknown;
      readonly method?: unknown;
    };
    if (typeof request.method === "string" && /^[A-Z]{1,16}$/.test(request.method))
      ({ method } = request as { method: string });
    // Without the query: a guest may have put anything there.
    const url = new URL(String(request.url));
    place = `${url.origin}${url.pathname}`;
  } catch {
    // Not a request: it was refused all the same.
  }
  denials.note(`network.${method}`, place, "no network was granted");
}
