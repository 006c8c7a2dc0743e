import { describe, expect, test } from "vitest";
import { createFuelGauge } from "../../src/engine/index.ts";
import { HostFile } from "../../src/guests/languages/host-file/host-file.ts";
import { readReport } from "../../src/guests/languages/host-file/read-report.ts";

const encoder = new TextEncoder();

function open(valueBytes = 100): { file: HostFile; calls: string[]; charged: () => number } {
  const calls: string[] = [];
  const fuel = createFuelGauge({ now: () => 0 });
  fuel.arm({ fuel: 1e12 });
  const file = new HostFile({
    tools: {
      names: ["echo"],
      call: (name, json) => {
        calls.push(`${name} ${json}`);
        return name === "later"
          ? { state: "pending", id: 1 }
          : name === "echo"
            ? { state: "value", json }
            : { state: "error", name: "ToolNotFoundError", message: "no" };
      },
    },
    fuel,
    valueBytes,
  });
  return { file, calls, charged: () => fuel.used };
}

function readAll(file: HostFile): string {
  const into = new Uint8Array(7);
  let text = "";
  for (let count = file.read(into); count > 0; count = file.read(into))
    text += new TextDecoder().decode(into.subarray(0, count));
  return text;
}

describe("the host file", () => {
  test("takes calls in pieces, several at a time, and answers the last", () => {
    const { file, calls, charged } = open();
    for (const piece of ["to", 'ol echo {"a"', ':"é b"}\ntool ec', "ho [1]\n"])
      expect(file.write(encoder.encode(piece))).toBe(encoder.encode(piece).length);
    expect(calls).toEqual(['echo {"a":"é b"}', "echo [1]"]);
    expect(readAll(file)).toBe("[1]\n");
    expect(readAll(file)).toBe("");
    expect(charged()).toBeGreaterThan(100);
  });

  test("tells errors, and that a tool is asynchronous", () => {
    const { file } = open();
    file.write(encoder.encode("tool none {}\n"));
    expect(readAll(file)).toBe('e["ToolNotFoundError","no"]\n');
    file.write(encoder.encode("tool later {}\n"));
    expect(readAll(file)).toMatch(/^e\["[A-Za-z]*Error",".*asynchronous/);
  });

  test("keeps what a run came to: an error before an exit before a value", () => {
    const { file } = open();
    const outcome = (): unknown => readReport(file.takeReport(), file.valueBytes, () => true);
    expect(outcome()).toBeUndefined();
    file.write(encoder.encode('value {"o":["a",1]}\n'));
    expect(outcome()).toEqual({ kind: "value", value: { a: 1 } });
    file.write(encoder.encode("value 1\nexit 259\n"));
    expect(outcome()).toEqual({ kind: "exit", code: 3, orderly: true });
    file.write(encoder.encode('exit 0\nerror {"name":"E","message":"m","traceback":"t","line":2}\n'));
    expect(outcome()).toEqual({ kind: "error", error: { name: "E", message: "m", traceback: "t", line: 2 } });
  });

  test("refuses hostile lines, and bounds what it keeps of them", () => {
    const { file, calls } = open();
    for (const line of ["", "x", "tool", "tool echo", "tool  {}", "run rm -rf", `exit ${"9".repeat(50)}`])
      expect(file.write(encoder.encode(`${line}\n`)), line).toBe("EIO");
    expect(file.write(encoder.encode(`error ${"x".repeat(2 ** 19)}\n`))).toBe("EIO");
    const megabyte = new Uint8Array(2 ** 20).fill(0x78);
    expect(file.write(encoder.encode("tool echo "))).toBe(10);
    for (let count = 0; count < 6; count++) expect(file.write(megabyte)).toBe(megabyte.length);
    expect(file.write(encoder.encode("\n"))).toBe("EIO");
    expect(calls).toEqual([]);
    expect(readReport(file.takeReport(), 100, () => true)).toBeUndefined();
  });

  test("reads forged reports as a broken guest's", () => {
    const { file } = open();
    for (const line of ["value {", 'value {"z":1}', "error 1", "error {}", 'error {"name":1}', "value \u0000"]) {
      file.write(encoder.encode(`${line}\n`));
      expect(
        readReport(file.takeReport(), 100, () => true),
        line,
      ).toMatchObject({ error: { name: "SystemError" } });
    }
    file.write(encoder.encode(`value "${"x".repeat(200)}"\n`));
    expect(readReport(file.takeReport(), 100, () => true)).toEqual({ kind: "value-too-large", allowed: 100 });
  });
});
