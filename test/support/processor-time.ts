/**
 * Milliseconds of processor time that this process takes for something: how much work it is, however busy the machine
 * is. Other work of the process counts as well.
 */
export async function processorMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
