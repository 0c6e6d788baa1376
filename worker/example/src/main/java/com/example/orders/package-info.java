/** An example of a handler for pgq-fleet's worker. */
package com.example.orders;
