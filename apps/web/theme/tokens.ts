// The colours, corners and type of the pages, as overrides of Cloudscape's design tokens.

const aegean = { light: '#2f54eb', dark: '#93a8ff' }
const aegeanDeep = { light: '#1d39c4', dark: '#b5c3ff' }
const aegeanNight = { light: '#10239e', dark: '#d3dcff' }

export const tokens = {
  fontFamilyBase: "'Inter Variable', 'Helvetica Neue', Roboto, Arial, sans-serif",
  fontFamilyHeading: "'Inter Variable', 'Helvetica Neue', Roboto, Arial, sans-serif",
  fontFamilyDisplay: "'Inter Variable', 'Helvetica Neue', Roboto, Arial, sans-serif",

  colorBackgroundLayoutMain: { light: '#f5f7fb', dark: '#0d1220' },
  colorBackgroundContainerContent: { light: '#ffffff', dark: '#151c2e' },
  colorBackgroundContainerHeader: { light: '#ffffff', dark: '#151c2e' },
  colorBackgroundInputDefault: { light: '#ffffff', dark: '#0f1525' },
  colorBackgroundDropdownItemDefault: { light: '#ffffff', dark: '#1a2338' },
  colorBorderDividerDefault: { light: '#dfe4ee', dark: '#2a344c' },
  colorBorderDividerSecondary: { light: '#e8ecf4', dark: '#232c42' },
  colorTextBodyDefault: { light: '#1b2337', dark: '#d6dcea' },
  colorTextBodySecondary: { light: '#5b667f', dark: '#97a3bb' },
  colorTextHeadingDefault: { light: '#111a30', dark: '#eef1f8' },

  colorBackgroundButtonPrimaryDefault: aegean,
  colorBackgroundButtonPrimaryHover: aegeanDeep,
  colorBackgroundButtonPrimaryActive: aegeanNight,
  colorBorderButtonPrimaryDefault: aegean,
  colorBorderButtonPrimaryHover: aegeanDeep,
  colorBorderButtonPrimaryActive: aegeanNight,
  colorBorderButtonNormalDefault: { light: '#b9c3d8', dark: '#46536f' },
  colorBorderButtonNormalHover: aegeanDeep,
  colorBorderButtonNormalActive: aegeanNight,
  colorTextButtonNormalDefault: { light: '#26324d', dark: '#d6dcea' },
  colorTextButtonNormalHover: aegeanDeep,
  colorTextButtonNormalActive: aegeanNight,
  colorBackgroundButtonNormalHover: { light: '#eef2ff', dark: '#1f2a47' },
  colorBackgroundButtonNormalActive: { light: '#dfe6ff', dark: '#26345a' },
  colorTextLinkButtonNormalDefault: aegean,
  colorTextLinkButtonNormalHover: aegeanDeep,
  colorTextButtonLinkDefault: aegean,
  colorTextButtonLinkHover: aegeanDeep,
  colorTextLinkDefault: aegean,
  colorTextLinkHover: aegeanDeep,
  colorTextAccent: aegean,
  colorBackgroundControlChecked: aegean,
  colorBorderItemFocused: aegean,
  colorBorderInputFocused: aegean,
  colorBorderItemSelected: aegean,
  colorBackgroundItemSelected: { light: '#eef2ff', dark: '#1c2745' },

  colorBackgroundProgressBarValueDefault: { light: '#2f54eb', dark: '#6f8bff' },
  colorBackgroundSegmentActive: aegean,
  colorBackgroundBadgeBlue: { light: '#2f54eb', dark: '#3a5bd9' },
  colorBackgroundBadgeGrey: { light: '#51607f', dark: '#46536f' },

  borderRadiusButton: '8px',
  borderRadiusInput: '8px',
  borderRadiusContainer: '12px',
  borderRadiusAlert: '10px',
  borderRadiusDropdown: '10px',
  borderRadiusDialog: '14px',
  borderRadiusTiles: '10px',
  borderWidthButton: '1px',
}
