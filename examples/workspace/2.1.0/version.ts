/** Of the release and of its application; equal to `vsn` in erlmcp.release.json. */
export const VSN = '2.1.0';
