/** How a photo begins as an address. */
export const jpegPrefix = "data:image/jpeg;base64,";
