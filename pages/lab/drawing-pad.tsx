// A black square to draw on with a finger or a mouse, which also takes pictures.
import { useEffect, useRef } from 'preact/hooks';

/** Pixels of the square, before it is scaled. */
const size = 280;
const strokePx = 22;

export function DrawingPad({ drawn }: { readonly drawn: (picture: ImageData) => Promise<void> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDown = useRef(false);
  const context = () => canvas.current?.getContext('2d', { willReadFrequently: true }) ?? undefined;
  const clear = () => {
    const pen = context();
    if (pen === undefined) return;
    pen.fillStyle = 'black';
    pen.fillRect(0, 0, size, size);
  };
  useEffect(clear, []);

  const look = () => {
    const picture = context()?.getImageData(0, 0, size, size);
    if (picture !== undefined) drawn(picture);
  };
  const stroke = ({ clientX, clientY, currentTarget }: PointerEvent, begins: boolean) => {
    const pen = context();
    if (pen === undefined || !(currentTarget instanceof HTMLCanvasElement)) return;
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const [x, y] = [((clientX - left) * size) / width, ((clientY - top) * size) / height];
    pen.strokeStyle = '#ddd';
    pen.lineWidth = strokePx;
    pen.lineCap = pen.lineJoin = 'round';
    if (begins) {
      pen.beginPath();
      pen.moveTo(x, y);
    }
    pen.lineTo(x, y);
    pen.stroke();
  };
  const take = async (file: File | undefined) => {
    const pen = context();
    if (file === undefined || pen === undefined) return;
    const picture = await createImageBitmap(file);
    pen.fillStyle = 'white';
    pen.fillRect(0, 0, size, size);
    const scale = size / Math.max(picture.width, picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    pen.drawImage(picture, (size - width) / 2, (size - height) / 2, width, height);
    picture.close();
    look();
  };
  return (
    <fieldset
      class="pad"
      aria-label="A picture to classify"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer?.files[0]);
      }}
    >
      <canvas
        ref={canvas}
        width={size}
        height={size}
        aria-label="A square to draw on; a picture can be chosen below instead"
        role="img"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          isDown.current = true;
          stroke(event, true);
        }}
        onPointerMove={(event) => {
          if (isDown.current) stroke(event, false);
        }}
        onPointerUp={() => {
          if (isDown.current) look();
          isDown.current = false;
        }}
      />
      <p class="actions">
        <label class="button">
          Choose a picture
          <input
            type="file"
            accept="image/*"
            onChange={({ currentTarget }) => take(currentTarget.files?.[0])}
          />
        </label>
        <button type="button" onClick={clear}>
          Clear
        </button>
      </p>
    </fieldset>
  );
}
