/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* bfd2b5e9ba0c1e201a8003fb2e15f29b083681205ae77a584618270b38c942d7  ringfence_x86_64.bpf.o */
/* e995691be5534d2fc6c703cf3d9fae1655a3351f49a96b57b2d4535635ab713e  ringfence_arm64.bpf.o */
