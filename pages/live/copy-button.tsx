// A button that copies a text, also where the page is not served securely and browsers withhold their clipboard.
import { useState } from 'preact/hooks';

const saidMs = 2_000;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState<string | undefined>(undefined);
  return (
    <button
      type="button"
      aria-live="polite"
      onClick={async () => {
        setSaid((await copied(text)) ? 'Copied' : 'Could not copy');
        setTimeout(() => setSaid(undefined), saidMs);
      }}
    >
      {said ?? label}
    </button>
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
