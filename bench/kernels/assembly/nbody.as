// Five bodies under gravity, positions and velocities in one flat array: x y z vx vy vz mass.
const FIELDS: i32 = 7;
const BODIES: i32 = 5;
const state = new StaticArray<f64>(BODIES * FIELDS);

function place(): void {
  for (let body = 0; body < BODIES; body++) {
    const at = body * FIELDS;
    const distance = <f64>body * 4.0;
    unchecked((state[at] = distance));
    unchecked((state[at + 1] = distance * 0.25));
    unchecked((state[at + 2] = distance * -0.125));
    unchecked((state[at + 3] = body == 0 ? 0.0 : -0.3 / (1.0 + distance)));
    unchecked((state[at + 4] = body == 0 ? 0.0 : 2.5 / (1.0 + distance)));
    unchecked((state[at + 5] = 0.01 * <f64>body));
    unchecked((state[at + 6] = body == 0 ? 39.5 : 0.04 / <f64>body));
  }
}

function advance(step: f64): void {
  for (let i = 0; i < BODIES; i++) {
    const a = i * FIELDS;
    for (let j = i + 1; j < BODIES; j++) {
      const b = j * FIELDS;
      const dx = unchecked(state[a]) - unchecked(state[b]);
      const dy = unchecked(state[a + 1]) - unchecked(state[b + 1]);
      const dz = unchecked(state[a + 2]) - unchecked(state[b + 2]);
      const square = dx * dx + dy * dy + dz * dz + 1e-6;
      const pull = step / (square * Math.sqrt(square));
      const massA = unchecked(state[a + 6]) * pull;
      const massB = unchecked(state[b + 6]) * pull;
      unchecked((state[a + 3] -= dx * massB));
      unchecked((state[a + 4] -= dy * massB));
      unchecked((state[a + 5] -= dz * massB));
      unchecked((state[b + 3] += dx * massA));
      unchecked((state[b + 4] += dy * massA));
      unchecked((state[b + 5] += dz * massA));
    }
  }
  for (let i = 0; i < BODIES; i++) {
    const a = i * FIELDS;
    for (let axis = 0; axis < 3; axis++) unchecked((state[a + axis] += step * state[a + 3 + axis]));
  }
}

/** Moves the bodies by `steps` steps; returns the kinetic energy at the end. */
export function nbody(steps: i32): f64 {
  place();
  for (let step = 0; step < steps; step++) advance(0.001);
  let energy = 0.0;
  for (let i = 0; i < BODIES; i++) {
    const a = i * FIELDS;
    const vx = unchecked(state[a + 3]);
    const vy = unchecked(state[a + 4]);
    const vz = unchecked(state[a + 5]);
    energy += 0.5 * unchecked(state[a + 6]) * (vx * vx + vy * vy + vz * vz);
  }
  return energy;
}
