// `report()`: what the command does. One self-contained page about a search, a training, or both.
import type { Measured } from './report-data.js';
import { reportData } from './report-data.js';

/**
 * The text of a page about run folders; figures that no folder holds may be given beside.
 * @throws GenonnxError `file-missing`, `file-corrupt` for folders that hold no run.
 */
export async function report(folders: readonly string[], measured: Measured = {}): Promise<string> {
  const data = await reportData(folders, measured);
  // Charts and drawings are loaded by whoever draws.
  const { renderReport } = await import('../report/report.js');
  return renderReport(data);
}
