/** Runs a function body by way of a module of its own, which a page's policy may allow where it forbids `Function`. */
export async function evaluateAsModule(body: string): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([`export default function () {\n${body}\n}`], { type: "text/javascript" }));
  try {
    const module = (await import(/* @vite-ignore */ url)) as { readonly default: () => unknown };
    return module.default();
  } finally {
    URL.revokeObjectURL(url);
  }
}
