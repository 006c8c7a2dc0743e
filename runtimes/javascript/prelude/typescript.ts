/** The second bundle of the "typescript" image: sucrase, which strips types and keeps every line where it was. */
import { transform } from "sucrase";

export default function toJavaScript(source: string, filename: string): string {
  try {
    return transform(source, { transforms: ["typescript"], disableESTransforms: true, keepUnusedImports: false }).code;
  } catch (error) {
    const { message, loc } = error as {
      readonly message: string;
      readonly loc?: { readonly line: number; readonly column: number };
    };
    const failure = new SyntaxError(message.replace(/ \(\d+:\d+\)$/, ""));
    failure.stack = loc === undefined ? "" : `    at ${filename}:${loc.line}:${loc.column}\n`;
    throw failure;
  }
}
