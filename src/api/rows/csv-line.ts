/** One record of RFC 4180. Fields stand as they are: a file for programs must give back exactly what went in. */
export const csvLine = (fields: readonly string[]): string => `${fields.map(quoted).join(",")}\r\n`;

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
