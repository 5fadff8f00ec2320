// Language models and the recurrent supernet on TensorFlow.js against PyTorch.
import { afterAll, describe, it } from 'vitest';
import { allLanguageCases, checkLanguage, runLanguage } from '../../../support/language-cases.js';
import { backends, engineOf } from './backends.js';

describe.each(backends)('on $name', { timeout: 300_000 }, ({ loaded }) => {
  const engine = engineOf(loaded);
  afterAll(() => engine.dispose());

  it.each(allLanguageCases())('$name', async (languageCase) => {
    const tolerance = languageCase.name.includes('code') ? 5e-5 : 1e-5;
    checkLanguage(languageCase, await runLanguage(engine, languageCase), tolerance);
  });
});
