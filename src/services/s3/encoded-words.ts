/**
 * Headers are ASCII; S3 accepts and returns other characters of user metadata as encoded words of RFC 2047
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html).
 */

const WORD = /=\?utf-8\?([bq])\?([^?\s]*)\?=(?:\s+(?==\?))?/gi;
const ASCII = /^[\x20-\x7e\t]*$/;

/** Words in unknown charsets are left unchanged. */
export function decodeWords(text: string): string {
  return text.replaceAll(WORD, (_word, encoding: string, content: string) =>
    encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64').toString() : decodeQ(content),
  );
}

export function encodeWords(text: string): string {
  return ASCII.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function decodeQ(content: string): string {
  const bytes = content
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
