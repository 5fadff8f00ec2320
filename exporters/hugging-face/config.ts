// `config.json` and `preprocessor_config.json`, with the names that the Hub's libraries have for sizes, labels and images.
import type { HuggingFaceImages, HuggingFaceTexts, ModelCard } from './model.js';

/** What the network is. */
export function configOf({ network, genotype }: ModelCard): Record<string, unknown> {
  const common = { model_type: 'genonnx', genotype };
  return network.task === 'image-classification'
    ? { ...common, ...ofImages(network) }
    : { ...common, ...ofTexts(network) };
}

function ofImages({
  architecture,
  cells,
  initChannels,
  image,
  classes,
}: HuggingFaceImages): Record<string, unknown> {
  return {
    architecture,
    num_cells: cells,
    init_channels: initChannels,
    num_channels: image.channels,
    image_size: [image.height, image.width],
    id2label: Object.fromEntries(classes.map((label, id) => [String(id), label])),
    label2id: Object.fromEntries(classes.map((label, id) => [label, id])),
  };
}

function ofTexts({ width, combination, vocabulary }: HuggingFaceTexts): Record<string, unknown> {
  const special = { eos_token_id: '<eos>', unk_token_id: '<unk>' };
  return {
    architecture: 'recurrent',
    vocab_size: vocabulary.length,
    hidden_size: width,
    num_hidden_layers: 1,
    node_combination: combination,
    tie_word_embeddings: true,
    ...Object.fromEntries(
      Object.entries(special).flatMap(([key, word]) => {
        const id = vocabulary.indexOf(word);
        return id < 0 ? [] : [[key, id]];
      }),
    ),
  };
}

/** How a picture becomes what the network is fed. */
export function preprocessorOf({
  image,
  normalisation,
  preprocessing,
}: HuggingFaceImages): Record<string, unknown> {
  const { height, width } = image;
  const sizes =
    preprocessing?.kind === 'centre'
      ? // Bilinear, as training does it.
        {
          size: { shortest_edge: preprocessing.resize },
          resample: 2,
          do_center_crop: true,
          crop_size: { height, width },
        }
      : { size: { height, width } };
  return {
    do_resize: true,
    ...sizes,
    do_convert_rgb: image.channels === 3,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: normalisation !== undefined,
    ...(normalisation === undefined
      ? {}
      : { image_mean: normalisation.mean, image_std: normalisation.standardDeviation }),
  };
}
