import type { ToolReply } from "../capabilities/tools/tool-calls.ts";

/**
 * An answer as both preludes read it: the value's JSON as it is, "e" and `[name, message]`, or "p" and the number of a call
 * that ends later. No JSON begins with either letter. Results are neither wrapped in JSON again, which would escape and
 * parse them twice, nor given a letter of their own, which the guest would have to cut off by a copy.
 */
export function replyText(reply: ToolReply): string {
  switch (reply.state) {
    case "value":
      return reply.json;
    case "error":
      return `e${JSON.stringify([reply.name, reply.message])}`;
    case "pending":
      return `p${reply.id}`;
  }
}
