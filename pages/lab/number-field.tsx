// A field for a whole number, with its label above.
export interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly set: (value: number) => void;
}

export function NumberField({ label, value, least, most, set }: NumberFieldProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        required
        min={least}
        max={most}
        step={1}
        value={value}
        onInput={({ currentTarget }) => {
          if (!Number.isNaN(currentTarget.valueAsNumber)) set(currentTarget.valueAsNumber);
        }}
      />
    </label>
  );
}
