import { generateThemeStylesheet } from '@cloudscape-design/components/theming'
import { tokens } from './tokens.ts'

export default generateThemeStylesheet({ theme: { tokens } })
