import { Writer } from "./bytes.ts";
import { Code } from "./code.ts";
import { code, valueType } from "./instructions.ts";
import { type SectionId, section, sectionOrder } from "./module.ts";
import { vector } from "./types.ts";

export const { i32, i64, f32, f64 } = valueType;

/** A function for a test's module. */
export interface TestFunction {
  readonly parameters?: readonly number[];
  readonly results?: readonly number[];
  readonly locals?: readonly number[];
  readonly exported?: string;
  /** Its instructions, without the end. */
  readonly body: (write: Code) => Code;
}

export interface TestModule {
  readonly functions: readonly TestFunction[];
  readonly pages?: number;
  readonly start?: number;
  /** Sections as they are, in place of those that follow from the rest. */
  readonly sections?: ReadonlyMap<SectionId, Uint8Array>;
  readonly data?: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

const bytesOf = (write: (writer: Writer) => Writer): Uint8Array => write(new Writer()).finish();

/** Assembles a module whose memory is exported as `memory`; functions have the types of their own number. */
export function assemble({ functions, pages = 1, start, sections = new Map(), data = [] }: TestModule): Uint8Array {
  const types = functions.map(({ parameters = [], results = [] }) =>
    bytesOf((writer) => writer.byte(0x60).sized(Uint8Array.from(parameters)).sized(Uint8Array.from(results))),
  );
  const bodies = functions.map(({ locals = [], body }) => {
    const write = new Code().u32(locals.length);
    for (const type of locals) write.byte(1, type);
    return bytesOf((writer) => writer.sized(body(write).op(code.end).finish()));
  });
  const exports = functions.flatMap(({ exported }, i) =>
    exported === undefined ? [] : [bytesOf((writer) => writer.name(exported).byte(0).u32(i))],
  );
  const segments = data.map(({ offset, bytes }) =>
    bytesOf((writer) => writer.byte(0, code.i32Const).s32(offset).byte(code.end).sized(bytes)),
  );
  const content = new Map<SectionId, Uint8Array>([
    [section.type, vector(types)],
    [section.function, vector(functions.map((_, i) => bytesOf((writer) => writer.u32(i))))],
    [section.memory, bytesOf((writer) => writer.byte(1, 0).u32(pages))],
    [section.export, vector([...exports, bytesOf((writer) => writer.name("memory").byte(2, 0))])],
    [section.code, vector(bodies)],
  ]);
  if (start !== undefined)
    content.set(
      section.start,
      bytesOf((writer) => writer.u32(start)),
    );
  if (segments.length > 0) content.set(section.data, vector(segments));
  for (const [id, bytes] of sections) content.set(id, bytes);
  const writer = new Writer().byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  for (const id of sectionOrder) {
    const bytes = content.get(id);
    if (bytes !== undefined) writer.byte(id).sized(bytes);
  }
  return writer.finish();
}

/** What the sandbox wants of a module: `alloc` gives address 1024; `run` is the test's. */
export const guest = (
  run: TestFunction["body"],
  rest: Partial<TestModule> = {},
  locals: readonly number[] = [],
): Uint8Array =>
  assemble({
    ...rest,
    functions: [
      { exported: "alloc", parameters: [i32], results: [i32], body: (write) => write.i32(1024) },
      { exported: "run", parameters: [i32, i32], results: [i64], locals, body: run },
      ...(rest.functions ?? []),
    ],
  });
