/** What agreement depends on beside the schema. Part of a market's specification. */
export interface AgreementParameters {
  /** How much two spans, boxes or polygons share of their union where they mean the same thing, in parts per million. */
  readonly overlapPpmMin: number;
}

/** Half of the union, as PASCAL VOC counts a detection (Everingham et al., 2010). */
export const defaultParameters: AgreementParameters = { overlapPpmMin: 500_000 };
