import { copyData } from "./json/copy-data.ts";
import { issuesText } from "./standard-schema.ts";
import type { SchemaResult, StandardSchema } from "./standard-schema.ts";
import type { Tool, ToolCallContext } from "./tool.ts";
import { CallFailure, chosenMessage } from "./tool-error.ts";

/** What a call needs of its run. */
export interface CallScope {
  /** False once the run is over, or the guest was told that it cannot wait: nothing of the host's may be called then. */
  readonly live: boolean;
  readonly context: ToolCallContext;
  /** Counts a call against the tool's own budget. */
  pay(): void;
  approved(by: string): void;
}

/**
 * Takes one call from its parsed arguments to the value for the guest: schema, budget, approval, the function itself, schema
 * of the result. Answers at once if every step does, else with a promise. Steps that the tool has no use for cost nothing.
 *
 * @throws CallFailure and whatever the host's functions throw; a promise rejects with the same.
 */
export function performCall(tool: Tool, input: object, scope: CallScope): unknown {
  if (tool.input === undefined) return payAndRun(tool, input, scope);
  return after(checkInput(tool.input, input), (checked) => payAndRun(tool, checked, scope));
}

function payAndRun(tool: Tool, input: unknown, scope: CallScope): unknown {
  scope.pay();
  if (tool.approve === undefined) return runTool(tool, input, scope);
  return after(askApproval(tool.approve, input, scope), () => runTool(tool, input, scope));
}

function runTool(tool: Tool, input: unknown, scope: CallScope): unknown {
  if (!scope.live) throw new CallFailure("denied", "The run is over");
  return answerCall(tool, tool.run(input, scope.context), scope);
}

/** The same for a call that was performed up to the function itself, whose answer is now there. */
export function answerCall({ output }: Tool, answer: unknown, scope: Pick<CallScope, "context">): unknown {
  return output === undefined ? answer : after(answer, (result) => checkOutput(output, result, scope));
}

/** `then` for what may be no promise: synchronous tools answer without one. */
function after<T>(value: T | PromiseLike<T>, step: (value: T) => unknown): unknown {
  return isThenable(value) ? Promise.resolve(value).then((settled) => step(settled)) : step(value);
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function checkInput(schema: StandardSchema, input: object): unknown {
  return after<SchemaResult<unknown>>(schema["~standard"].validate(input), (checked) => {
    if (checked.issues === undefined) return checked.value;
    throw new CallFailure("invalid-arguments", `Invalid arguments: ${issuesText(checked.issues)}`, {
      hostError: checked.issues,
    });
  });
}

function checkOutput(schema: StandardSchema, result: unknown, { context }: Pick<CallScope, "context">): unknown {
  return after<SchemaResult<unknown>>(schema["~standard"].validate(result), (checked) => {
    if (checked.issues === undefined) return checked.value;
    // Which part was wrong is told to the host only: it is about the host's own data.
    throw new CallFailure("invalid-result", `Tool "${context.tool}" returned something else than it declares`, {
      hostError: new TypeError(issuesText(checked.issues)),
    });
  });
}

function askApproval(approve: NonNullable<Tool["approve"]>, input: unknown, scope: CallScope): unknown {
  const { context } = scope;
  let answer: unknown;
  try {
    answer = approve({
      tool: context.tool,
      id: context.id,
      arguments: copyData(input),
      get signal() {
        return context.signal;
      },
    });
  } catch (error) {
    throw approvalFailure(context.tool, error);
  }
  if (!isThenable(answer)) return takeAnswer(answer, scope);
  return Promise.resolve(answer).then(
    (given) => takeAnswer(given, scope),
    (error: unknown) => {
      throw approvalFailure(context.tool, error);
    },
  );
}

/** Only a plain yes is one: a function that forgets to return denies. */
function takeAnswer(answer: unknown, scope: CallScope): void {
  if (answer === true) return;
  const { approved, by, reason } = (typeof answer === "object" && answer !== null ? answer : {}) as {
    readonly approved?: unknown;
    readonly by?: unknown;
    readonly reason?: unknown;
  };
  if (approved === true) {
    if (typeof by === "string") scope.approved(by);
    return;
  }
  throw new CallFailure(
    "denied",
    `The call of tool "${scope.context.tool}" was denied${typeof reason === "string" ? `: ${reason}` : ""}`,
    { rule: "approve" },
  );
}

function approvalFailure(name: string, error: unknown): CallFailure {
  const message = chosenMessage(error) ?? `The call of tool "${name}" was denied`;
  return new CallFailure("denied", message, { hostError: error, rule: "approve" });
}
