import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { theme } from './theme/plugin.ts'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), theme()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // fonts and pictures stay files, so that the page needs no data: sources
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1024,
    reportCompressedSize: false,
  },
})
