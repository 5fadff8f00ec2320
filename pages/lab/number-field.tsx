// Fields for whole numbers, with their labels above.
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

/** What is asked of a number: its label, and the range that it is in. */
export type NumberFieldOf<Name extends string> = readonly [
  name: Name,
  label: string,
  least: number,
  most: number,
];

export interface NumberFieldsProps<Name extends string> {
  readonly fields: readonly NumberFieldOf<Name>[];
  readonly values: Readonly<Record<Name, number>>;
  readonly set: (name: Name, value: number) => void;
}

/** Several of them. */
export function NumberFields<Name extends string>({ fields, values, set }: NumberFieldsProps<Name>) {
  return (
    <>
      {fields.map(([name, label, least, most]) => (
        <NumberField
          key={name}
          label={label}
          value={values[name]}
          least={least}
          most={most}
          set={(value) => set(name, value)}
        />
      ))}
    </>
  );
}
