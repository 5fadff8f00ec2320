// The table of image networks in exporters/README.md.
import { proveTable } from './proof-table.js';
import { departureOf, parts, provenTargets } from './proofs.js';

proveTable({
  mark: 'table',
  parts: parts.map(({ name }) => name),
  targets: provenTargets.map(({ run, leavesOut, ...target }) => ({
    ...target,
    async departures() {
      const outputs = await run(parts);
      const skipped = outputs.find((found) => 'skipped' in found && typeof found.skipped === 'string');
      if (skipped !== undefined && typeof skipped.skipped === 'string') return { skipped: skipped.skipped };
      return parts.map((part, i) => {
        const found = outputs[i];
        if (found === undefined || 'skipped' in found) return Number.POSITIVE_INFINITY;
        return departureOf(part, found, leavesOut);
      });
    },
  })),
});
