/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* bed8a718943659aa0a48a6e689346bfae87ef43cd7c14503226f05f3689d3712  ringfence_x86_64.bpf.o */
/* 017ed09a1d223ea0c8ca652aab7a07f3a6f3adc888971b8889073f14b555ed21  ringfence_arm64.bpf.o */
