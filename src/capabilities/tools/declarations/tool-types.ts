import { WardianError } from "../../../errors.ts";
import type { Tool } from "../tool.ts";
import { pythonDeclarations } from "./python-declarations.ts";
import { typescriptDeclarations } from "./typescript-declarations.ts";

/** Languages that declarations can be written in. */
export type DeclarationLanguage = "typescript" | "python";

/**
 * Declarations of the tools for a model's prompt, made from their schemas. Descriptions are one line each and cannot end the
 * comment that they stand in.
 *
 * @throws WardianError "invalid-option" for another language.
 */
export function toolTypes(tools: ReadonlyMap<string, Tool>, language: DeclarationLanguage): string {
  switch (language) {
    case "typescript":
      return typescriptDeclarations(tools);
    case "python":
      return pythonDeclarations(tools);
    default:
      throw new WardianError(
        "invalid-option",
        `Cannot declare the tools: language is ${JSON.stringify(language)}, and must be "typescript" or "python"`,
      );
  }
}
