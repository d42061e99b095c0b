/** Of the release and of its application; equal to `vsn` in erlmcp.release.json. */
export const VSN = '3.0.0';
