import type { ToolReply } from "../capabilities/tools/tool-calls.ts";

/**
 * An answer as both preludes read it: "v" and the value's JSON as it is, "e" and `[name, message]`, or "p" and the number
 * of a call that ends later. Results are not wrapped in JSON again: that would escape and parse them twice.
 */
export function replyText(reply: ToolReply): string {
  switch (reply.state) {
    case "value":
      return `v${reply.json}`;
    case "error":
      return `e${JSON.stringify([reply.name, reply.message])}`;
    case "pending":
      return `p${reply.id}`;
  }
}
