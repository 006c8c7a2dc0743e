/** What `read` gives, or `instead` if the guest code behind it throws. */
export function safely<T>(read: () => T, instead: T): T {
  try {
    return read();
  } catch {
    return instead;
  }
}
