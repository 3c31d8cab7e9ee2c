// Small Linux systems made from Debian's packages: nothing is installed, nothing is mounted, no root is needed.
export { writeExt4 } from './ext4.ts'
export { FileTree, type TreeEntry } from './file-tree.ts'
export { type Kernel, openKernel } from './kernel.ts'
export { addLibraries } from './libraries.ts'
export { packageTree } from './packages.ts'
export { unpackKernel } from './vmlinux.ts'
