/** Processor time of a call, in ms: other programs on the machine do not count. */
function cpu(f: () => void): number {
  const before = process.cpuUsage()
  f()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/**
 * By how much the time of `f` grows where what it is given doubles, from `n` on, three times: 2 where the time is in
 * proportion, 4 where it goes with the square. The least of some attempts counts; what takes no time grows by nothing.
 */
export function growth(f: (n: number) => void, n: number): number {
  f(n)
  const once = () => {
    const [small, large] = [
      Math.min(
        cpu(() => f(n)),
        cpu(() => f(n)),
      ),
      cpu(() => f(8 * n)),
    ]
    return Math.cbrt(large / Math.max(small, 3))
  }
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 4 && least > 2.2; i++) least = Math.min(least, once())
  return least
}
