/**
 * Text from a guest for a person: control characters other than line breaks and tabs are shown, not obeyed, so that a
 * value or a traceback cannot move the cursor or forge a line of ours.
 */
export function escapeControls(text: string): string {
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
