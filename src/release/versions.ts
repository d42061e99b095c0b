/** Version of the store's layout on disc: key and row encoding. A runner and a host that differ in it do not share tables. */
export const STORE_VERSION = 1;

/** Version of the protocol between host and runner that this source speaks; equal to that of `src/wire`, which a test checks. */
export const WIRE_VERSION = 3;
